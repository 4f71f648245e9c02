import Archives
import Attacks
import Certificates
import Corruptions
import Datasets
import Engine
import Evaluation
import Files
import Foundation
import Games
import Graphs
import Images
import Insight
import JSON
import Metrics
import Networks
import Optimizers
import Perception
import Pickles
import Remote
import Robustness
import Studies
import Training
import YAML

// What `localizedDescription` says of the errors of all modules: their own line. The modules below need no Foundation for that.

/// An error whose description is the line to be shown.
protocol DescribedError: LocalizedError, CustomStringConvertible {}

extension DescribedError {
  /// The description.
  public var errorDescription: String? { description }
}

extension ArchiveError: DescribedError {}
extension AttackError: DescribedError {}
extension AttackRunnerError: DescribedError {}
extension AttributionError: DescribedError {}
extension AugmentationError: DescribedError {}
extension BoundError: DescribedError {}
extension CorruptionError: DescribedError {}
extension CueError: DescribedError {}
extension CuePlantError: DescribedError {}
extension DatasetError: DescribedError {}
extension EngineError: DescribedError {}
extension Failure: DescribedError {}
extension FileClaim.Taken: DescribedError {}
extension FileError: DescribedError {}
extension GameError: DescribedError {}
extension GoalError: DescribedError {}
extension GraphError: DescribedError {}
extension ImageError: DescribedError {}
extension JPEGError: DescribedError {}
extension JSONError: DescribedError {}
extension LossPlan.SmallBatch: DescribedError {}
extension MethodError: DescribedError {}
extension MetricsError: DescribedError {}
extension NetworkError: DescribedError {}
extension ONNXError: DescribedError {}
extension ObjectiveError: DescribedError {}
extension OptionError: DescribedError {}
extension PNGError: DescribedError {}
extension PerceptionError: DescribedError {}
extension PickleError: DescribedError {}
extension RemoteError: DescribedError {}
extension SafeTensorsError: DescribedError {}
extension StudyError: DescribedError {}
extension StudyInterrupted: DescribedError {}
extension SuiteError: DescribedError {}
extension ThreatError: DescribedError {}
extension ThreatReferenceError: DescribedError {}
extension TrainingError: DescribedError {}
extension WeightAverage.StateError: DescribedError {}
extension YAMLError: DescribedError {}
