"""The ready algorithm `cnn` on Caffe: from its parameters to prototxts, from those to a model that answers."""
