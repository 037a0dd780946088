"""Pictures of shapes, listed in one file: a line for each object, ``file width height class x1 y1 x2 y2``."""

import os.path as osp
from typing import ClassVar

from mmdet.datasets import BaseDetDataset

from my_project.registry import DATASETS

CLASSES_FILE = osp.join(osp.dirname(__file__), 'classes.txt')


def read_classes(path=CLASSES_FILE):
    """The names of the classes, one a line."""
    with open(path, encoding='utf-8') as file:
        return tuple(file.read().split())


@DATASETS.register_module()
class ShapesDataset(BaseDetDataset):
    """The shapes."""

    METAINFO: ClassVar[dict] = dict(classes=read_classes())

    def load_data_list(self):
        pictures = {}
        with open(self.ann_file, encoding='utf-8') as file:
            for line in file:
                name, width, height, label, *box = line.split()
                picture = pictures.setdefault(
                    name,
                    dict(
                        img_path=osp.join(self.data_prefix['img'], name),
                        img_id=len(pictures),
                        width=int(width),
                        height=int(height),
                        instances=[],
                    ),
                )
                label = self.metainfo['classes'].index(label)
                picture['instances'].append(dict(bbox=[float(one) for one in box], bbox_label=label, ignore_flag=0))
        return list(pictures.values())
