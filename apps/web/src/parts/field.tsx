/** A line or some lines of text to be typed, with its label. */
import { Input, Label, Text, TextArea, TextField } from 'react-aria-components';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly lines?: number;
  /** What browsers may fill in: nothing, unless said. */
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly inputMode?: 'numeric' | 'email' | 'text';
}

export function Field(props: FieldProps) {
  const { label, value, onChange, hint, lines, autoComplete = 'off', autoFocus = false, inputMode } = props;
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      autoFocus={autoFocus}
      autoComplete={autoComplete}
    >
      <Label>{label}</Label>
      {lines === undefined ? (
        <Input spellCheck={false} autoCapitalize="none" {...(inputMode && { inputMode })} />
      ) : (
        <TextArea rows={lines} spellCheck={false} autoCapitalize="none" />
      )}
      {hint !== undefined && <Text slot="description">{hint}</Text>}
    </TextField>
  );
}
