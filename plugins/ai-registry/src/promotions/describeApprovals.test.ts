import { describeApprovals } from './describeApprovals';

describe('describeApprovals', () => {
  it.each([
    [
      { requiredApprovals: 1 },
      'The change is reviewed by a second person before it is merged.',
    ],
    [
      { requiredApprovals: 2 },
      'The change is approved by 2 other people before it is merged.',
    ],
    [
      {
        requiredApprovals: 1,
        approverGroups: ['group:default/risk', 'group:emea/legal'],
      },
      'The change is reviewed by a second person from risk or emea/legal before it is merged.',
    ],
  ])('says of %j who approves', (environment, sentence) => {
    expect(describeApprovals(environment)).toBe(sentence);
  });
});
