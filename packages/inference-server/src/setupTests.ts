import { answerChecks } from './testing/answerChecks';

// Most test files never ask a server, and should not pay for reading the documents.
answerChecks.push(
  () =>
    jest.requireActual<typeof import('./__testUtils__/openInference')>(
      './__testUtils__/openInference',
    ).checkAnswer,
  () =>
    jest.requireActual<typeof import('./__testUtils__/catalogDocument')>(
      './__testUtils__/catalogDocument',
    ).checkByCatalog,
);
