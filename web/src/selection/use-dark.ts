// Whether the page is dark right now: a canvas has to be painted anew when that changes.

import { useEffect, useState } from 'preact/hooks';
import { theme } from '../shell/theme.js';

const QUERY = '(prefers-color-scheme: dark)';

export function useIsDark(): boolean {
  const [isSystemDark, setSystemDark] = useState(() => matchMedia(QUERY).matches);
  useEffect(() => {
    const media = matchMedia(QUERY);
    const follow = () => setSystemDark(media.matches);
    media.addEventListener('change', follow);
    return () => media.removeEventListener('change', follow);
  }, []);
  return theme.value === 'dark' || (theme.value === 'auto' && isSystemDark);
}
