"""Read formats made of marked-up text: HTML, Markdown and e-books."""
