import Archives
import Attacks
import Certificates
import Datasets
import Engine
import Evaluation
import Files
import Foundation
import Graphs
import Images
import JSON
import Networks
import Optimizers
import Pickles
import Remote
import Robustness
import Studies
import Training

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
extension BoundError: DescribedError {}
extension DatasetError: DescribedError {}
extension EngineError: DescribedError {}
extension Failure: DescribedError {}
extension FileClaim.Taken: DescribedError {}
extension FileError: DescribedError {}
extension GoalError: DescribedError {}
extension GraphError: DescribedError {}
extension ImageError: DescribedError {}
extension JPEGError: DescribedError {}
extension JSONError: DescribedError {}
extension LossPlan.SmallBatch: DescribedError {}
extension NetworkError: DescribedError {}
extension ObjectiveError: DescribedError {}
extension ONNXError: DescribedError {}
extension OptionError: DescribedError {}
extension PickleError: DescribedError {}
extension PNGError: DescribedError {}
extension RemoteError: DescribedError {}
extension SafeTensorsError: DescribedError {}
extension StudyError: DescribedError {}
extension StudyInterrupted: DescribedError {}
extension SuiteError: DescribedError {}
extension ThreatError: DescribedError {}
extension ThreatReferenceError: DescribedError {}
extension TrainingError: DescribedError {}
