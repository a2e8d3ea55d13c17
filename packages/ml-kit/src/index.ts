/**
 * Statistics, drift, experiments, model quality, explanations and search: pure
 * functions on plain objects.
 *
 * @packageDocumentation
 */

// What did the rows look like?
export * from './profile/types';
export * from './profile/freezeBaseline';
export * from './profile/addRow';
export * from './profile/mergeProfiles';
export * from './profile/profileBinary';
export {
  addToCategoricalHistogram,
  addToNumericHistogram,
  categoryOf,
  emptyCategoricalHistogram,
  emptyNumericHistogram,
  histogramCells,
  histogramMissing,
  orderedCells,
  histogramTotal,
  mergeHistograms,
} from './profile/histogram';
export * from './profile/moments';

// The same in bounded memory for any stream
export * from './sketch/ddSketch';
export * from './sketch/kll';
export * from './sketch/hyperLogLog';
export * from './sketch/topValues';
export * from './sketch/sketchBinary';

// Has it changed?
export * from './drift/types';
export * from './drift/compareProfiles';
export * from './drift/populationStability';
export * from './drift/distances';
export * from './drift/wasserstein';
export * from './drift/testResult';
export * from './drift/kolmogorovSmirnov';
export * from './drift/cramerVonMises';
export * from './drift/chiSquareTests';
export * from './drift/fisherExact';
export * from './drift/orderedCells';
export * from './drift/maximumMeanDiscrepancy';
export * from './drift/andersonDarling';
export * from './drift/domainClassifier';
export * from './drift/benjaminiHochberg';
export * from './drift/holm';
export * from './drift/cusum';
export * from './drift/cusumRunLength';
export * from './drift/pageHinkley';
export * from './drift/adwin';
export * from './drift/estimatedPerformance';
export * from './drift/expectedConfusion';
export * from './drift/estimatedRegression';

// Is the treatment better, and who gets what?
export * from './experiment/armStatistic';
export * from './experiment/cuped';
export * from './experiment/effect';
export * from './experiment/sequentialTest';
export * from './experiment/sequentialProportion';
export * from './experiment/bayesianTest';
export * from './experiment/mannWhitney';
export * from './experiment/pairedTTest';
export * from './experiment/power';
export * from './experiment/sampleRatio';
export type { ArmPosterior } from './experiment/armPosterior';
export * from './experiment/bandit';
export * from './experiment/stickyBucket';
export * from './experiment/chooseByWeight';
export * from './experiment/bucketRanges';
export * from './experiment/rendezvous';

// How good is the model, and how sure is that?
export * from './quality/confusion';
export * from './quality/scores';
export * from './quality/regression';
export * from './quality/multiclassAuc';
export * from './quality/ranking';
export * from './quality/calibration';
export * from './quality/fairness';
export * from './quality/slices';
export * from './quality/proportionInterval';
export * from './quality/bootstrapInterval';
export * from './quality/pairedBootstrap';
export * from './quality/mcnemar';
export * from './quality/deLong';

// Why this answer?
export * from './explain/types';
export * from './explain/exactShapley';
export * from './explain/permutationShapley';
export * from './explain/kernelShap';
export * from './explain/lime';
export * from './explain/occlusion';
export * from './explain/segments';
export * from './explain/permutationImportance';

// Which configuration next, and which trial is worth going on?
export type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './search/space';
export {
  bestResult,
  type SearchState,
  type TrialResult,
} from './search/searcher';
export * from './search/randomSearch';
export * from './search/gridSearch';
export * from './search/sobol';
export * from './search/tpe';
export * from './search/cmaEs';
export * from './search/hyperband';
export * from './search/asha';
export * from './search/populationBasedTraining';
export * from './search/medianStop';

// What the others stand on
export * from './distributions/normal';
export * from './distributions/studentT';
export * from './distributions/chiSquare';
export * from './distributions/gamma';
export * from './distributions/beta';
export * from './random/random';
export * from './random/randomDistributions';
export * from './numerics/isotonicRegression';
export * from './numerics/sortedQuantile';
export * from './numerics/InvalidArgumentError';
