import ReactMarkdown, { type Components } from 'react-markdown';
import remarkBreaks from 'remark-breaks';
import remarkGfm from 'remark-gfm';

// Pictures would be fetched from wherever the writer says, and tell who reads when.
const forbidden = ['img', 'input'];

// Of the web, of mail, or a footnote of the same text. What has no scheme would lead into the product.
const isAddress = (url: string) => /^(?:https?:\/\/|mailto:|#user-content-)/i.test(url);

const components: Components = {
  // A note has no place in the outline of the page.
  h1: ({ children }) => <p className="markdown-heading">{children}</p>,
  h2: ({ children }) => <p className="markdown-heading">{children}</p>,
  h3: ({ children }) => <p className="markdown-heading">{children}</p>,
  h4: ({ children }) => <p className="markdown-heading">{children}</p>,
  h5: ({ children }) => <p className="markdown-heading">{children}</p>,
  h6: ({ children }) => <p className="markdown-heading">{children}</p>,
  a: ({ href, children }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  table: ({ children }) => (
    <div className="markdown-table">
      <table>{children}</table>
    </div>
  ),
};

/** HTML in the text stays text; only web and mail addresses become links; a line break is one. */
export default function Rendered({ text }: { text: string }) {
  return (
    <div className="markdown">
      <ReactMarkdown
        remarkPlugins={[[remarkGfm, { singleTilde: false }], remarkBreaks]}
        disallowedElements={forbidden}
        urlTransform={(url) => (isAddress(url) ? url : '')}
        components={components}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
