"""The end of VGG in timm's code and in torchvision's way, small, on made-up features of several sizes; the weights are filled
under our names and in our axes. Usage: python generate_vgg_head.py > ../files/vgg-head.json"""
import json, sys
import torch
from timm.layers import ClassifierHead
from timm.models.vgg import ConvMlp
from fill import fill, image, stats
IN, HIDDEN, CLASSES = 3, 12, 5
def kernel(name, *shape):
    fan_in = 1
    for extent in shape[:-1]: fan_in *= extent
    weight = torch.from_numpy(fill(f'{name}/kernel', shape, 'kernel', fan_in))
    return weight.permute(3, 2, 0, 1) if weight.ndim == 4 else weight.T
def bias(name, length): return torch.from_numpy(fill(f'{name}/bias', (length,), 'bias'))
W = {'pre_logits.fc1.weight': kernel('head/hidden1', 7, 7, IN, HIDDEN), 'pre_logits.fc1.bias': bias('head/hidden1', HIDDEN),
     'pre_logits.fc2.weight': kernel('head/hidden2', 1, 1, HIDDEN, HIDDEN), 'pre_logits.fc2.bias': bias('head/hidden2', HIDDEN),
     'head.fc.weight': kernel('head', HIDDEN, CLASSES), 'head.fc.bias': bias('head', CLASSES)}
timm = torch.nn.ModuleDict(dict(pre_logits=ConvMlp(IN, HIDDEN, 7), head=ClassifierHead(HIDDEN, CLASSES, pool_type='avg'))).eval()
timm.load_state_dict(W)
def torchvision(x):
    x = torch.nn.functional.adaptive_avg_pool2d(x, (7, 7)).flatten(1)
    for layer in ('pre_logits.fc1', 'pre_logits.fc2'):
        x = torch.relu(x @ W[f'{layer}.weight'].flatten(1).T + W[f'{layer}.bias'])
    return x @ W['head.fc.weight'].T + W['head.fc.bias']
rows = []
with torch.no_grad():
    for height, width in [(8, 1), (2, 3), (3, 9), (7, 7), (9, 8)]:
        x = torch.from_numpy(image(1, height, width, IN)).permute(0, 3, 1, 2)
        rows.append(dict(size=[1, height, width, IN], upTo=stats(timm['head'](timm['pre_logits'](x)).numpy()), to=stats(torchvision(x).numpy())))
json.dump(rows, sys.stdout, separators=(',', ':'))
