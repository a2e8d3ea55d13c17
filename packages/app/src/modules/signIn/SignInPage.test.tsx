import {
  BackstageIdentityResponse,
  githubAuthApiRef,
} from '@backstage/core-plugin-api';
import { mockApis, renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { rememberedUser, rememberUntilSignOut } from './rememberedUser';
import { SignInPage } from './SignInPage';

/** A GitHub that knows nobody until its window was opened. */
function fakeGitHub(identity: BackstageIdentityResponse | undefined) {
  return {
    getBackstageIdentity: jest.fn(async (how: { optional?: boolean }) =>
      how.optional ? undefined : identity,
    ),
    getProfile: jest.fn(async () => ({ displayName: 'Ada' })),
  };
}

function renderPage(options: {
  signIn: string[];
  gitHub?: ReturnType<typeof fakeGitHub>;
}) {
  const onSignInSuccess = jest.fn();
  const gitHub = options.gitHub ?? fakeGitHub(undefined);
  renderInTestApp(<SignInPage onSignInSuccess={onSignInSuccess} />, {
    config: { greenroom: { signIn: options.signIn } },
    apis: [[githubAuthApiRef, gitHub]],
  });
  return { onSignInSuccess, gitHub };
}

describe('SignInPage', () => {
  it('signs in through GitHub when its window was opened', async () => {
    const { onSignInSuccess, gitHub } = renderPage({
      signIn: ['github'],
      gitHub: fakeGitHub({
        token: 'token',
        identity: {
          type: 'user',
          userEntityRef: 'user:default/ada',
          ownershipEntityRefs: [],
        },
      }),
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Sign in with GitHub' }),
    );
    expect(gitHub.getBackstageIdentity).toHaveBeenLastCalledWith({
      instantPopup: true,
    });
    const [identity] = onSignInSuccess.mock.calls[0];
    expect(await identity.getBackstageIdentity()).toMatchObject({
      userEntityRef: 'user:default/ada',
    });
  });

  it('says what to configure when nobody can sign in', async () => {
    renderPage({ signIn: [] });
    expect(await screen.findByText(/set greenroom\.signIn/)).toBeVisible();
  });
});

describe('rememberUntilSignOut', () => {
  it('remembers a demo user over reloads, until they sign out', async () => {
    const inner = mockApis.identity({ userEntityRef: 'user:default/ada' });
    const identity = rememberUntilSignOut('ada', inner);
    expect(rememberedUser()).toBe('ada');
    expect(await identity.getBackstageIdentity()).toMatchObject({
      userEntityRef: 'user:default/ada',
    });
    await identity.signOut();
    expect(rememberedUser()).toBeUndefined();
  });
});
