"""RetinaNet in mmengine's pure-Python style: bases are read by import statements, types are classes."""

from mmengine.config import read_base

with read_base():
    from .base.coco import *
    from .base.schedule import *

from mmdet.models import FPN, DetDataPreprocessor, FocalLoss, L1Loss, ResNet, RetinaHead, RetinaNet
from mmdet.models.task_modules import AnchorGenerator, DeltaXYWHBBoxCoder, MaxIoUAssigner, PseudoSampler
from torch.nn import BatchNorm2d

model = dict(
    type=RetinaNet,
    data_preprocessor=dict(
        type=DetDataPreprocessor, mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], pad_size_divisor=32
    ),
    backbone=dict(
        type=ResNet,
        depth=18,
        out_indices=(0, 1, 2, 3),
        norm_cfg=dict(type=BatchNorm2d, requires_grad=True),
        norm_eval=True,
        style='pytorch',
    ),
    neck=dict(type=FPN, in_channels=[64, 128, 256, 512], out_channels=64, start_level=1, num_outs=5),
    bbox_head=dict(
        type=RetinaHead,
        num_classes=80,
        in_channels=64,
        stacked_convs=2,
        feat_channels=64,
        anchor_generator=dict(
            type=AnchorGenerator,
            octave_base_scale=4,
            scales_per_octave=3,
            ratios=[0.5, 1.0, 2.0],
            strides=[8, 16, 32, 64, 128],
        ),
        bbox_coder=dict(type=DeltaXYWHBBoxCoder),
        loss_cls=dict(type=FocalLoss, use_sigmoid=True),
        loss_bbox=dict(type=L1Loss),
    ),
    train_cfg=dict(
        assigner=dict(type=MaxIoUAssigner, pos_iou_thr=0.5, neg_iou_thr=0.4, min_pos_iou=0, ignore_iof_thr=-1),
        sampler=dict(type=PseudoSampler),
        allowed_border=-1,
        pos_weight=-1,
    ),
    test_cfg=dict(nms_pre=1000, score_thr=0.05, nms=dict(type='nms', iou_threshold=0.5), max_per_img=100),
)
