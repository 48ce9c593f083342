"""Who may come in and as what: users, passwords, sessions, roles, and the checks before everything else."""
