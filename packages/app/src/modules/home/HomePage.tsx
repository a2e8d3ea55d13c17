import { configApiRef, useApi } from '@backstage/core-plugin-api';
import type { HomePageLayoutProps } from '@backstage/plugin-home-react/alpha';
import { Container, Text } from '@backstage/ui';
import { LogoMark } from '../../brand';
import { ChangesPanel } from './ChangesPanel';
import { estateSummary } from './estateSummary';
import { ModelsPanel } from './ModelsPanel';
import { QuickLinks } from './QuickLinks';
import { ReviewsPanel } from './ReviewsPanel';
import { RolloutsPanel } from './RolloutsPanel';
import { useEstate } from './useEstate';
import styles from './HomePage.module.css';

/** The state of the AI estate, and below it the widgets that the app configuration names. */
export function HomePage({ widgets, defaultConfig = [] }: HomePageLayoutProps) {
  const config = useApi(configApiRef);
  const estate = useEstate();
  const chosen = defaultConfig.flatMap(({ component }) =>
    widgets.filter(widget => widget.name === component),
  );
  return (
    <Container py="6">
      <header className={styles.header}>
        <LogoMark size={44} />
        <div>
          <Text as="h1" variant="title-medium">
            {config.getOptionalString('app.title') ?? 'Greenroom'}
          </Text>
          <Text as="p" variant="body-large" color="secondary">
            {estateSummary(estate)}
          </Text>
        </div>
      </header>
      <QuickLinks />
      <div className={styles.grid}>
        <div className={styles.column}>
          <ModelsPanel estate={estate} />
          <RolloutsPanel estate={estate} />
        </div>
        <div className={styles.column}>
          <ReviewsPanel estate={estate} />
          <ChangesPanel estate={estate} />
        </div>
      </div>
      {chosen.length > 0 && (
        <div className={styles.widgets}>
          {chosen.map(widget => (
            <div key={widget.node.spec.id}>{widget.component}</div>
          ))}
        </div>
      )}
    </Container>
  );
}
