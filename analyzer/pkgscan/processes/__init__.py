"""The processes of a scan: a parent that supervises, a decoder that walks, analysers that read, a scanner that judges."""
