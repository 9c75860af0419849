"""The processes of a scan: a parent supervises, a decoder walks, analysers read, a scanner judges."""
