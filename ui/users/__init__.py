"""Who may use the chat: names, hashed passwords, roles, and who is signed in."""
