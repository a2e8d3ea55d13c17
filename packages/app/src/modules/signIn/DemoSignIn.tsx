import { ProxiedSignInPage } from '@backstage/core-components';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { Alert, Button, Text } from '@backstage/ui';
import { RiArrowRightLine } from '@remixicon/react';
import { useState } from 'react';
import {
  forgetUser,
  rememberedUser,
  rememberUntilSignOut,
} from './rememberedUser';
import type { DemoUser } from './signInOptions';
import styles from './SignInPage.module.css';

/** Header that tells the local auth provider which user to be. */
const HEADER_DEMO_USER = 'x-greenroom-user';

interface DemoSignInProps extends Pick<SignInPageProps, 'onSignInSuccess'> {
  users: DemoUser[];
}

/** A button for each demo user; the backend lets them in only on this machine. */
export function DemoSignIn({ users, onSignInSuccess }: DemoSignInProps) {
  const [chosen, setChosen] = useState(() => {
    const name = rememberedUser();
    return users.find(user => user.name === name);
  });

  if (chosen) {
    return (
      <ProxiedSignInPage
        provider="guest"
        headers={{ [HEADER_DEMO_USER]: chosen.name }}
        onSignInSuccess={identity =>
          onSignInSuccess(rememberUntilSignOut(chosen.name, identity))
        }
        ErrorComponent={({ error }) => (
          <div role="alert" className={styles.people}>
            <Alert
              status="danger"
              icon
              title={`${chosen.title} could not be signed in`}
              description={wordsOf(error)}
            />
            <Button
              variant="secondary"
              onPress={() => {
                forgetUser();
                setChosen(undefined);
              }}
            >
              Choose again
            </Button>
          </div>
        )}
      />
    );
  }

  return (
    <div className={styles.people}>
      <Text as="h2" variant="title-x-small">
        Who are you today?
      </Text>
      {users.map(user => (
        <button
          key={user.name}
          type="button"
          className={styles.person}
          onClick={() => setChosen(user)}
        >
          <span className={styles.initials} aria-hidden="true">
            {initialsOf(user.title)}
          </span>
          <span>
            <span className={styles.personName}>{user.title}</span>
            <span className={styles.personRole}>{user.role}</span>
          </span>
          <RiArrowRightLine aria-hidden="true" />
        </button>
      ))}
      <Text as="p" variant="body-small" color="secondary">
        These two exist on a local installation only, so that you can ask for a
        promotion as one and review it as the other.
      </Text>
    </div>
  );
}

/** A browser only says "Failed to fetch" when nobody answers. */
function wordsOf(error: Error | undefined): string | undefined {
  return error instanceof TypeError
    ? "The portal's backend did not answer. Check that it runs, then try again."
    : error?.message;
}

function initialsOf(title: string): string {
  return title
    .split(/\s+/)
    .map(word => word[0])
    .join('')
    .slice(0, 2)
    .toLocaleUpperCase('en');
}
