import { portalEmail } from '../environments/people';
import { findStrangers } from './findStrangers';

describe('findStrangers', () => {
  const people = {
    actorOf: async ({ name, email }: { name: string; email: string }) =>
      name === 'grace' ? 'user:default/grace' : `${name} <${email}>`,
  };
  const of = (...persons: Parameters<typeof findStrangers>[1]) =>
    findStrangers(people, persons);

  it('names those whom the catalog does not know, each once', async () => {
    const octo = { name: 'octo', account: 'octocat' };
    expect(
      await of(
        { name: 'grace', email: 'grace@example.com' },
        { ...octo, email: 'octo@work.example' },
        { ...octo, email: 'octo@home.example' },
        { name: 'mallory', email: 'mallory@example.com' },
      ),
    ).toEqual(['@octocat', 'mallory <mallory@example.com>']);
  });

  it('takes neither the portal nor a program for a stranger', async () => {
    expect(
      await of(
        { name: 'Promotion', email: portalEmail('plugin:ai-registry') },
        {
          name: 'actions',
          email: 'actions@example.com',
          account: 'actions[bot]',
          isBot: true,
        },
      ),
    ).toEqual([]);
  });
});
