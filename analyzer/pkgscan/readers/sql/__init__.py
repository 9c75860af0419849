"""SQL: cut into statements, parsed by whoever knows the dialect, stated as what each does to which table."""
