using System.Collections;
using System.Runtime.CompilerServices;
using Governance.Core;

namespace Governance.Reports.Documents;

/// <summary>A piece of running text. Immutable; plain text only, never markup: renderers escape it.</summary>
public abstract record Inline
{
    public static implicit operator Inline(string text) => new Text(text);
}

public sealed record Text(string Value) : Inline;

public sealed record Strong(string Value) : Inline;

/// <summary>Set in the fixed-width face; may break anywhere.</summary>
public sealed record Code(string Value) : Inline;

/// <summary>A digest in full, breaking at even places.</summary>
public sealed record Hash(Digest Value) : Inline;

/// <summary>A word in a frame whose tone supports, and never replaces, the word.</summary>
public sealed record Badge(string Value, Tone Tone) : Inline;

/// <summary>The short name of an item of evidence (<c>E3</c>), linked to the evidence register.</summary>
public sealed record EvidenceMark(EvidenceReference Evidence) : Inline;

/// <summary>What a statement means for the reader.</summary>
public enum Tone
{
    Neutral,
    Good,
    Caution,
    Bad,
}

/// <summary>Where a figure comes from: what every chart and table of measures carries beside it. Immutable.</summary>
/// <param name="Key">Short name in the report: <c>E3</c>.</param>
/// <param name="Check">Identifier of the check.</param>
/// <param name="Digest">Digest of the signed evidence as the ledger names it.</param>
/// <param name="LedgerIndex">Index of the ledger entry that records it, from 0.</param>
public sealed record EvidenceReference(string Key, string Check, Digest Digest, long LedgerIndex);

/// <summary>A line of running text: pieces in order. Converts from a string; written <c>["see ", new EvidenceMark(e)]</c> otherwise. Immutable.</summary>
[CollectionBuilder(typeof(Phrase), nameof(Create))]
public sealed class Phrase : IReadOnlyList<Inline>
{
    private readonly Inline[] pieces;

    private Phrase(Inline[] pieces) => this.pieces = pieces;

    public static Phrase Empty { get; } = new([]);

    public int Count => pieces.Length;

    public Inline this[int index] => pieces[index];

    public static Phrase Create(ReadOnlySpan<Inline> pieces) => new(pieces.ToArray());

    public static implicit operator Phrase(string? text) => string.IsNullOrEmpty(text) ? Empty : new([new Text(text)]);

    public static implicit operator Phrase(Inline piece) => new([piece]);

    public IEnumerator<Inline> GetEnumerator() => ((IEnumerable<Inline>)pieces).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => pieces.GetEnumerator();
}
