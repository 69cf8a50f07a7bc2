// A view that is drawn again only when one of its properties is another value, or a signal it reads
// changed: what keeps the finished blocks of a streaming answer untouched.

import { Component, type ComponentType, type FunctionComponent } from 'preact';

export function whenChanged<P extends object>(View: FunctionComponent<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as Record<string, unknown>;
      const then = next as Record<string, unknown>;
      const names = new Set([...Object.keys(now), ...Object.keys(then)]);
      for (const name of names) if (now[name] !== then[name]) return true;
      return false;
    }

    override render() {
      return <View {...(this.props as P)} />;
    }
  };
}
