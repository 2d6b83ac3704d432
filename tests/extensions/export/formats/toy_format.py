"""An export that is the ONNX file of tlstudio under another name."""

from tlstudio.export.onnx.predictor import open_onnx


class ToyFormat:
    def write(self, classifier, out, *, card):
        from tlstudio.export.onnx.files import write_image_model

        write_image_model(classifier, out, card=card)

    def open(self, path):
        return open_onnx(path)


IMPLEMENTATION = ToyFormat()
