"""The commands, a file each or for a few that belong together: ``run`` takes the configuration and the arguments."""
