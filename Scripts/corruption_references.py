"""The programs that Gibbon's corruptions are compared with, as functions of a picture and a severity
(requirements-corruptions.txt).

imagecorruptions is a package; the code that made CIFAR-10-C and MNIST-C is run from checkouts of hendrycks/robustness and
google-research/mnist-c, function by function and as it is. ImageMagick, which these call for motion, is stood in for by
the same method in NumPy; options and types that later versions of libraries have dropped, by what they were.
"""

import ast
import io
import math
import os
import types

import cv2
import numpy as np
import scipy.ndimage
import skimage
import skimage.feature
import skimage.filters
import skimage.transform
from PIL import Image

COMMON = """gaussian_noise shot_noise impulse_noise defocus_blur glass_blur motion_blur zoom_blur snow frost fog
brightness contrast elastic_transform pixelate jpeg_compression speckle_noise gaussian_blur spatter saturate""".split()
DIGITS = """shot_noise impulse_noise glass_blur motion_blur shear scale rotate brightness translate stripe fog spatter
dotted_line zigzag canny_edges""".split()
# What draws nothing.
FIXED = "defocus_blur zoom_blur brightness contrast pixelate jpeg_compression gaussian_blur saturate".split()
FIXED_DIGITS = "scale brightness stripe canny_edges".split()
# What has no severities.
SINGLE = "stripe dotted_line zigzag canny_edges".split()


def blurred(image, sigma=1, multichannel=None, **options):
    """The filter under the name of the option that it had until scikit-image 0.19."""
    return skimage.filters.gaussian(image, sigma, channel_axis=-1 if multichannel and image.ndim == 3 else None, **options)


def moved(image, radius, deviation, angle):
    """ImageMagick's motion blur: weights along a line, the last pixel beyond the edges."""
    weights = np.exp(-np.arange(2 * radius + 1) ** 2 / (2 * deviation**2))
    weights /= weights.sum()
    result = np.zeros(image.shape)
    rows, columns = np.indices(image.shape[:2])
    for step, weight in enumerate(weights):
        down = math.ceil(step * math.sin(math.radians(angle)) - 0.5)
        right = math.ceil(step * math.cos(math.radians(angle)) - 0.5)
        result += weight * image[
            np.clip(rows + down, 0, image.shape[0] - 1), np.clip(columns + right, 0, image.shape[1] - 1)
        ]
    return result


class MotionImage:
    """The part of ImageMagick that the published code calls."""

    def __init__(self, blob):
        self.image = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_UNCHANGED)

    def motion_blur(self, radius, sigma, angle):
        self.image = np.rint(moved(self.image.astype(float), radius, sigma, angle)).astype(np.uint8)

    def make_blob(self):
        return cv2.imencode(".png", self.image)[1].tobytes()


def old_affine(scale=(1, 1), rotation=0, shear=0, translation=(0, 0)):
    """scikit-image's transform as it was when MNIST-C was made."""
    (sx, sy), (tx, ty) = scale, translation
    return skimage.transform.AffineTransform(
        matrix=np.array(
            [
                [sx * math.cos(rotation), -sy * math.sin(rotation + shear), tx],
                [sx * math.sin(rotation), sy * math.cos(rotation + shear), ty],
                [0, 0, 1],
            ]
        )
    )


def functions(path):
    """The functions that a file of Python defines, and nothing else of it."""
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    numbers = types.SimpleNamespace(**{name: getattr(np, name) for name in dir(np) if not name.startswith("__")})
    numbers.int, numbers.float_, numbers.fromstring = int, np.float64, np.frombuffer
    names = {
        "np": numbers, "cv2": cv2, "sk": skimage, "gaussian": blurred, "BytesIO": io.BytesIO, "PILImage": Image,
        "Image": Image, "scizoom": scipy.ndimage.zoom, "map_coordinates": scipy.ndimage.map_coordinates,
        "MotionImage": MotionImage, "feature": skimage.feature,
        "transform": types.SimpleNamespace(AffineTransform=old_affine, warp=skimage.transform.warp),
        "resource_filename": lambda _, name: name,
    }
    exec(compile(tree, str(path), "exec"), names)
    return names


def imagenet():
    """ImageNet-C's corruptions, by the package, which scikit-image has taken an option from."""
    import imagecorruptions
    from imagecorruptions import corruptions

    corruptions.gaussian = blurred
    return lambda name, picture, severity: imagecorruptions.corrupt(picture, severity, name)


def cifar10(checkout):
    """CIFAR-10-C's, which look for photographs of frost in the current folder."""
    folder = checkout.resolve() / "ImageNet-C" / "create_c"
    names = functions(folder / "make_cifar_c.py")
    os.chdir(folder)
    return lambda name, picture, severity: np.uint8(names[name](Image.fromarray(picture), severity))


def mnist(checkout):
    """MNIST-C's."""
    folder = checkout.resolve()
    names = functions(folder / "corruptions.py")
    os.chdir(folder)

    def corrupted(name, picture, severity):
        options = () if name in SINGLE else (severity,)
        return np.uint8(names[name](Image.fromarray(picture), *options))

    return corrupted
