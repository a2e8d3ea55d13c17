import { UserIdentity } from '@backstage/core-components';
import { githubAuthApiRef, useApi } from '@backstage/core-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { Button } from '@backstage/ui';
import { ErrorNotice } from '@greenroom/ai-react';
import { RiGithubFill } from '@remixicon/react';
import { useCallback, useEffect, useState } from 'react';
import styles from './SignInPage.module.css';

type GitHubSignInProps = Pick<SignInPageProps, 'onSignInSuccess'>;

/** Signs in with the GitHub session that is there already, or through GitHub's window. */
export function GitHubSignIn({ onSignInSuccess }: GitHubSignInProps) {
  const gitHub = useApi(githubAuthApiRef);
  const [error, setError] = useState<Error>();
  const [pending, setPending] = useState(false);

  const signIn = useCallback(
    async (how: { optional: true } | { instantPopup: true }) => {
      setPending(true);
      setError(undefined);
      try {
        const response = await gitHub.getBackstageIdentity(how);
        if (!response) {
          setPending(false);
          return;
        }
        const profile = await gitHub.getProfile();
        onSignInSuccess(
          UserIdentity.create({
            identity: response.identity,
            authApi: gitHub,
            profile,
          }),
        );
      } catch (failure) {
        setPending(false);
        setError(failure instanceof Error ? failure : new Error(`${failure}`));
      }
    },
    [gitHub, onSignInSuccess],
  );

  useEffect(() => {
    signIn({ optional: true });
  }, [signIn]);

  return (
    <div className={styles.people}>
      {error && <ErrorNotice error={error} title="GitHub did not let you in" />}
      <Button
        variant="primary"
        iconStart={<RiGithubFill />}
        isPending={pending}
        onPress={() => signIn({ instantPopup: true })}
      >
        Sign in with GitHub
      </Button>
    </div>
  );
}
