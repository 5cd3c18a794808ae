"""Any image-to-video pipeline of the diffusers library as a model.

`model` is the model, `loading` gets the pipeline ready, `asking` finds out what people can choose and makes a call
of it, `fitting` rounds sizes and lengths. Danger: `torch` and `diffusers` take seconds to import and are an extra,
so they are imported when a model is loaded and never above.
"""
