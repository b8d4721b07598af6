/**
 * A text with the little Markdown that people type, as elements of our own: nothing in it becomes markup, is fetched, or
 * runs. Links show where they lead and open nothing by themselves.
 */
import type { Nodes, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { Fragment, type ReactNode } from 'react';

/** Longer or deeper texts are shown as they are. */
const lengthMax = 8_192;
const depthMax = 12;
const schemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

export function Markdown({ text }: { readonly text: string }): ReactNode {
  if (text.length > lengthMax) return <p className="plain">{text}</p>;
  return <Several nodes={fromMarkdown(text).children} depth={0} source={text} />;
}

interface SeveralProps {
  readonly nodes: readonly (RootContent | PhrasingContent)[];
  readonly depth: number;
  readonly source: string;
}

function Several({ nodes, depth, source }: SeveralProps): ReactNode {
  return nodes.map((node, at) => <Fragment key={at}>{element(node, depth, source)}</Fragment>);
}

/** The last ones are shown as they were typed. */
function element(node: RootContent | PhrasingContent, depth: number, source: string): ReactNode {
  if (depth > depthMax) return typed(node, source);
  const inside =
    'children' in node ? <Several nodes={node.children} depth={depth + 1} source={source} /> : null;
  switch (node.type) {
    case 'text':
      return node.value;
    case 'break':
      return <br />;
    case 'paragraph':
      return <p>{inside}</p>;
    case 'strong':
      return <strong>{inside}</strong>;
    case 'emphasis':
      return <em>{inside}</em>;
    case 'inlineCode':
      return <code>{node.value}</code>;
    case 'code':
      return <pre>{node.value}</pre>;
    case 'blockquote':
      return <blockquote>{inside}</blockquote>;
    case 'list':
      return node.ordered === true ? <ol>{inside}</ol> : <ul>{inside}</ul>;
    case 'listItem':
      return <li>{inside}</li>;
    case 'link':
      return <Link target={node.url}>{inside}</Link>;
    case 'definition':
    case 'delete':
    case 'footnoteDefinition':
    case 'footnoteReference':
    case 'heading':
    case 'html':
    case 'image':
    case 'imageReference':
    case 'linkReference':
    case 'table':
    case 'tableCell':
    case 'tableRow':
    case 'thematicBreak':
    case 'yaml':
      return typed(node, source);
  }
}

function typed(node: Nodes, source: string): string {
  const { position } = node;
  return source.slice(position?.start.offset ?? 0, position?.end.offset ?? 0);
}

/** Only to where a browser goes anyway, and only when a person follows it. */
function Link({ target, children }: { readonly target: string; readonly children: ReactNode }) {
  const url = URL.parse(target);
  if (url === null || !schemes.has(url.protocol)) return <>{children}</>;
  return (
    <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" title={url.href}>
      {children}
      {url.host !== '' && <span className="host"> ({url.host})</span>}
    </a>
  );
}
