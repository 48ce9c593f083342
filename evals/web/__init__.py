"""The Evals tab of the web app, in parts."""
