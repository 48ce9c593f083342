"""The Evals tab of the web app."""
