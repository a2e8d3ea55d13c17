import { run } from '../__testUtils__/run';

describe('train templates register', () => {
  it.each(['/home/ada/clouds/greenroom/train.yaml', 'file:///srv/train.yaml'])(
    'says of %s where templates on the machine of the portal are named, and asks nobody',
    async target => {
      const { code, complained } = await run(
        ['train', 'templates', 'register', target],
        {
          environment: {
            // Nobody listens there: it would end with 5.
            GREENROOM_URL: 'http://127.0.0.1:1',
            GREENROOM_TOKEN: 'none',
          },
        },
      );
      expect(complained).toContain(`'${target}' is no address at a Git host`);
      expect(complained).toContain('aiTraining.templates');
      expect(code).toBe(2);
    },
  );
});
