"""Train the models that Onrecord ships: a reader of questions. ``python -m evals.research.training.reader`` begins."""
