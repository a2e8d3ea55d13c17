import { VisuallyHidden } from '@backstage/ui';
import { NotificationsSidebarItem } from '@backstage/plugin-notifications';
import { RiNotification2Line } from '@remixicon/react';
import styles from './Navigation.module.css';
import { NavigationLink } from './NavigationLink';

/** The way to the notifications, with the number of those that were not read. */
export function NotificationsLink() {
  return (
    <NotificationsSidebarItem
      renderItem={({ unreadCount, to, onClick }) => (
        <NavigationLink
          href={to}
          title="Notifications"
          icon={<RiNotification2Line />}
          onClick={onClick}
          badge={
            unreadCount > 0 && (
              <span className={styles.badge}>
                {unreadCount > 99 ? '99+' : unreadCount}
                <VisuallyHidden> not read</VisuallyHidden>
              </span>
            )
          }
        />
      )}
    />
  );
}
