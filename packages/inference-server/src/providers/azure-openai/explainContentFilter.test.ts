import { explainAzure } from './explainContentFilter';

/** As Azure documents it. */
const FILTERED = {
  error: {
    message: "The response was filtered due to Azure OpenAI's policy.",
    type: null,
    param: 'prompt',
    code: 'content_filter',
    status: 400,
    innererror: {
      code: 'ResponsibleAIPolicyViolation',
      content_filter_result: {
        hate: { filtered: true, severity: 'high' },
        jailbreak: { filtered: true, detected: true },
        self_harm: { filtered: false, severity: 'safe' },
      },
    },
  },
};

describe('explainAzure', () => {
  it('names what the content filter found', () => {
    expect(explainAzure(FILTERED)).toBe(
      "The response was filtered due to Azure OpenAI's policy. Found: hate (high), jailbreak.",
    );
  });

  it.each([
    [{ error: { message: 'Busy.' } }, 'Busy.'],
    [{ error: { message: 'Busy.', innererror: null } }, 'Busy.'],
    [{ error: { innererror: { content_filter_result: 7 } } }, undefined],
    ['nonsense', undefined],
  ])('says no more than Azure: %j', (body, reason) => {
    expect(explainAzure(body)).toBe(reason);
  });
});
