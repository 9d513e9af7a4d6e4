import { type ReactNode, useEffect, useRef, useState } from 'react';

/** How far below the screen something is made ready. */
const margin = '100px';

/** Makes what it holds only when the reader comes near it, and keeps it then. */
export function WhenNear(props: {
  /** Holds its place until then. */
  readonly className: string | undefined;
  readonly children: ReactNode;
}) {
  const [isNear, setNear] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const watch = new IntersectionObserver((seen) => setNear((was) => was || seen.some((one) => one.isIntersecting)), {
      rootMargin: margin,
    });
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return isNear ? props.children : <div ref={place} className={props.className} />;
}
