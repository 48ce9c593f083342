"""Users, passwords, sessions, and the checks of who may come in and as what."""
