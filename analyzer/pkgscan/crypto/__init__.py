"""The cryptographic libraries, each wrapped once and imported when it is first needed."""
