// All of Gibbon by one import.

@_exported public import Attacks
@_exported public import Certificates
@_exported public import Corruptions
@_exported public import Datasets
@_exported public import Diagnosis
@_exported public import Engine
@_exported public import Evaluation
@_exported public import Games
@_exported public import Graphs
@_exported public import Images
@_exported public import Insight
@_exported public import JSON
@_exported public import Models
@_exported public import Networks
@_exported public import Optimizers
@_exported public import Pages
@_exported public import Perception
@_exported public import Remote
@_exported public import Reports
@_exported public import Robustness
@_exported public import Smoothing
@_exported public import Studies
@_exported public import Tensors
@_exported public import Training
