"""The look of the page: the style sheets, and the theme of Gradio's own components."""
