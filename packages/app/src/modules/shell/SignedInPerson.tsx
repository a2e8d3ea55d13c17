import {
  errorApiRef,
  identityApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  entityRouteRef,
  useEntityPresentation,
} from '@backstage/plugin-catalog-react';
import { Avatar } from '@backstage/ui';
import { RiLogoutBoxRLine } from '@remixicon/react';
import { Link } from 'react-router-dom';
import useAsync from 'react-use/esm/useAsync';
import styles from './Navigation.module.css';

/** Who is signed in, in which teams, and the way out. */
export function SignedInPerson() {
  const identityApi = useApi(identityApiRef);
  const errorApi = useApi(errorApiRef);
  const { value: person } = useAsync(async () => {
    const [profile, identity] = await Promise.all([
      identityApi.getProfileInfo(),
      identityApi.getBackstageIdentity(),
    ]);
    return { picture: profile.picture, ...identity };
  }, [identityApi]);
  if (!person) return null;
  const teams = person.ownershipEntityRefs.filter(ref =>
    ref.startsWith('group:'),
  );
  const signOut = () =>
    identityApi.signOut().catch(error => errorApi.post(error));
  return (
    <div className={styles.person} role="group" aria-label="Signed in">
      <PersonLink userRef={person.userEntityRef} picture={person.picture}>
        {teams.map((ref, index) => (
          <span key={ref}>
            {index > 0 && ', '}
            <TeamName entityRef={ref} />
          </span>
        ))}
      </PersonLink>
      <button type="button" className={styles.signOut} onClick={signOut}>
        <RiLogoutBoxRLine aria-hidden="true" />
        <span>Sign out</span>
      </button>
    </div>
  );
}

function PersonLink(props: {
  userRef: string;
  picture?: string;
  /** Their teams. */
  children: React.ReactNode;
}) {
  const { userRef, picture = '', children } = props;
  const { primaryTitle } = useEntityPresentation(userRef);
  const toEntity = useRouteRef(entityRouteRef);
  return (
    <Link
      to={toEntity?.(parseEntityRef(userRef)) ?? '#'}
      className={styles.personLink}
    >
      <Avatar
        src={picture}
        name={primaryTitle}
        size="small"
        purpose="decoration"
      />
      <span className={styles.personWords}>
        <span className={styles.personName}>{primaryTitle}</span>
        <span className={styles.personTeams}>{children}</span>
      </span>
    </Link>
  );
}

function TeamName({ entityRef }: { entityRef: string }) {
  return <>{useEntityPresentation(entityRef).primaryTitle}</>;
}
