/** What was asked cannot be measured, for the reason that the message tells: asking the same again does not help. */
export class MeasurementImpossible extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MeasurementImpossible';
  }
}
