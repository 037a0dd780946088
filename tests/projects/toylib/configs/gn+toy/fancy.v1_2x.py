_base_ = '../_base_/runtime.py'
model = dict(
    type='Detector',
    backbone=dict(type='toylib.TinyNetV2', act='GELU'),
    head=dict(type='OldFancyHead', channels=8))
pipeline = [dict(type='ToyImage')]
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='ToyDataset', data_root='data/toy/', ann_file='train.txt', pipeline=pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='ToyDataset', data_root='data/toy/', ann_file='val.txt', pipeline=pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(type='ToyMetric')
test_evaluator = val_evaluator
