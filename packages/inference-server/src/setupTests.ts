import { answerChecks } from './testing/answerChecks';

// Most test files never ask a server, and should not pay for reading the protocol's document.
answerChecks.push(answer =>
  jest
    .requireActual<typeof import('./__testUtils__/openInference')>(
      './__testUtils__/openInference',
    )
    .checkAnswer(answer),
);
