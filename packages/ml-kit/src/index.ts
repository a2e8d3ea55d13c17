export * from './distributions/chiSquare';
export * from './distributions/normal';
export * from './drift/benjaminiHochberg';
export * from './drift/compareProfiles';
export * from './drift/distances';
export * from './drift/populationStability';
export * from './drift/types';
export * from './experiment/bucketRanges';
export * from './experiment/chooseByWeight';
export * from './experiment/stickyBucket';
export * from './numerics/InvalidArgumentError';
export * from './profile/addRow';
export * from './profile/chooseEdges';
export * from './profile/freezeBaseline';
export * from './profile/histogram';
export * from './profile/mergeProfiles';
export * from './profile/moments';
export * from './profile/types';
export * from './quality/bcaInterval';
export * from './quality/pairedBootstrap';
export * from './random/random';
export * from './sketch/ddSketch';
export * from './distributions/beta';
export * from './distributions/gamma';
export * from './distributions/studentT';
export * from './drift/chiSquareTests';
export * from './drift/cramerVonMises';
export * from './drift/kolmogorovDistribution';
export * from './drift/kolmogorovSmirnov';
export * from './drift/wasserstein';
export * from './drift/adwin';
export * from './drift/cusum';
export * from './drift/cusumRunLength';
export * from './drift/estimatedPerformance';
export * from './drift/maximumMeanDiscrepancy';
export * from './drift/pageHinkley';
export * from './numerics/isotonicRegression';
export * from './profile/profileBinary';
export * from './sketch/hash64';
export * from './sketch/hyperLogLog';
export * from './sketch/kll';
export * from './sketch/sketchBinary';
export * from './sketch/topValues';
export * from './experiment/armStatistic';
export * from './experiment/bandit';
export * from './experiment/bayesianTest';
export * from './experiment/cuped';
export * from './experiment/effect';
export * from './experiment/mannWhitney';
export * from './experiment/sampleRatio';
export * from './experiment/sequentialTest';
export * from './random/randomDistributions';
export * from './explain/exactShapley';
export * from './explain/kernelShap';
export * from './explain/lime';
export * from './explain/permutationImportance';
export * from './explain/permutationShapley';
export * from './explain/segments';
export * from './explain/types';
export * from './quality/bootstrapInterval';
export * from './quality/calibration';
export {
  classificationQuality,
  confusionMatrix,
  type ClassificationQuality,
  type ClassQuality,
  type ConfusionMatrix,
} from './quality/confusion';
export * from './quality/deLong';
export * from './quality/fairness';
export * from './quality/mcnemar';
export * from './quality/proportionInterval';
export * from './quality/ranking';
export * from './quality/regression';
export * from './quality/scores';
export * from './quality/slices';
export * from './search/asha';
export * from './search/cmaEs';
export * from './search/gridSearch';
export * from './search/hyperband';
export * from './search/medianStop';
export * from './search/populationBasedTraining';
export * from './search/randomSearch';
export {
  bestResult,
  type SearchState,
  type TrialResult,
} from './search/searcher';
export * from './search/sobol';
export type {
  Configuration,
  Parameter,
  ParameterValue,
  SearchSpace,
} from './search/space';
export * from './search/tpe';
