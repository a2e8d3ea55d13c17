import { useRouteRef } from '@backstage/frontend-plugin-api';
import aiInferencePlugin from '@greenroom/plugin-ai-inference';
import aiMonitoringPlugin from '@greenroom/plugin-ai-monitoring';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry';
import { Link } from '@backstage/ui';
import {
  RiBox3Line,
  RiFlaskLine,
  RiGitPullRequestLine,
  RiKey2Line,
  RiPulseLine,
} from '@remixicon/react';
import styles from './HomePage.module.css';

/** The five things that people come for. */
export function QuickLinks() {
  const links = [
    {
      title: 'Find or register a model',
      to: useRouteRef(aiRegistryPlugin.routes.models)?.(),
      icon: <RiBox3Line />,
    },
    {
      title: 'Review promotions',
      to: useRouteRef(aiRegistryPlugin.routes.promotions)?.(),
      icon: <RiGitPullRequestLine />,
    },
    {
      title: 'Try a model',
      to: useRouteRef(aiInferencePlugin.routes.playground)?.(),
      icon: <RiFlaskLine />,
    },
    {
      title: 'Get a key to call models',
      to: useRouteRef(aiInferencePlugin.routes.keys)?.(),
      icon: <RiKey2Line />,
    },
    {
      title: 'Watch health and drift',
      to: useRouteRef(aiMonitoringPlugin.routes.root)?.(),
      icon: <RiPulseLine />,
    },
  ];
  return (
    <nav className={styles.quickLinks} aria-label="Quick links">
      {links.map(
        ({ title, to, icon }) =>
          to && (
            <Link key={title} href={to} className={styles.quickLink}>
              {icon}
              {title}
            </Link>
          ),
      )}
    </nav>
  );
}
