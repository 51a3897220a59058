namespace Governance.Policy.Cel;

internal enum TokenKind
{
    End,
    Identifier,

    /// <summary>A field name in back quotes.</summary>
    Quoted,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Operator,
}

/// <param name="Kind">What it is.</param>
/// <param name="Offset">UTF-16 offset in the source.</param>
/// <param name="Text">Identifier, digits or operator as written.</param>
/// <param name="Value">Value of a string or bytes literal.</param>
internal readonly record struct Token(TokenKind Kind, int Offset, string Text, CelValue Value = default)
{
    public bool Is(string op) => Kind == TokenKind.Operator && Text == op;

    public string Described => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.String or TokenKind.Bytes => "a literal",
        _ => $"'{Text}'",
    };
}
