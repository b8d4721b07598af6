/** How a task failed, where it was begun; read out when it appears. */
export function FailureLine({ text }: { readonly text: string | undefined }) {
  return (
    <p role="alert" className="failure">
      {text}
    </p>
  );
}
