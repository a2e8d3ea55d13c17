import { configApiRef, useApi } from '@backstage/core-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { BgProvider, Text } from '@backstage/ui';
import { useState } from 'react';
import { LogoFull } from '../../brand';
import { DemoSignIn } from './DemoSignIn';
import { GitHubSignIn } from './GitHubSignIn';
import { readSignInOptions } from './signInOptions';
import styles from './SignInPage.module.css';

/** The first thing people see: who they are, with as little typing as can be. */
export function SignInPage({ onSignInSuccess }: SignInPageProps) {
  const config = useApi(configApiRef);
  const [{ methods, demoUsers }] = useState(() => readSignInOptions(config));
  return (
    <main className={styles.page}>
      <BgProvider bg="neutral-1">
        <div className={styles.card}>
          <h1 className={styles.brand} aria-label="Greenroom">
            <LogoFull size={40} />
          </h1>
          <Text as="p" variant="body-large" color="secondary">
            Where models wait before they go on stage: train, register, promote,
            serve and watch them, in your developer portal.
          </Text>
          {methods.includes('github') && (
            <GitHubSignIn onSignInSuccess={onSignInSuccess} />
          )}
          {methods.includes('guest') && (
            <DemoSignIn users={demoUsers} onSignInSuccess={onSignInSuccess} />
          )}
          {methods.length === 0 && (
            <Text as="p">
              Nobody can sign in yet: set greenroom.signIn in the app
              configuration to [guest] or [github].
            </Text>
          )}
        </div>
      </BgProvider>
    </main>
  );
}
