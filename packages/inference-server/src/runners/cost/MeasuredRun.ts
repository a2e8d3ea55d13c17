/** One run of a model. */
export interface MeasuredRun {
  rows: number;
  millis: number;
}
