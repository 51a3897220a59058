using System.Buffers.Binary;
using System.Text;

namespace Governance.Ledger;

/// <summary>One signature line of a note.</summary>
/// <param name="Signature">The bytes after the key id.</param>
public sealed record NoteSignature(string Name, uint KeyId, byte[] Signature)
{
    /// <summary>The line without its newline.</summary>
    public override string ToString()
    {
        var bytes = new byte[4 + Signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Signature.CopyTo(bytes, 4);
        return SignedNote.Dash + Name + " " + Convert.ToBase64String(bytes);
    }
}

/// <summary>
/// Text with signatures (C2SP signed-note): the text, a blank line, then lines <c>— name base64(keyid ‖ signature)</c>. Immutable.
/// </summary>
/// <param name="Text">Ends in a newline; the bytes signed are its UTF-8.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Longest note read, in bytes.</summary>
    public const int MaximumLength = 256 * 1024;

    private const int MaximumSignatures = 64;
    internal const string Dash = "\u2014 ";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static SignedNote Sign(string text, params IReadOnlyList<INoteSigner> signers)
    {
        var bytes = StrictUtf8.GetBytes(text);
        return new SignedNote(text, [.. signers.Select(s => new NoteSignature(s.Verifier.Name, s.Verifier.KeyId, s.Sign(bytes)))]);
    }

    /// <summary>Reads a note. False, with a reason, for anything that is not exactly one; nothing is verified yet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out SignedNote note, out string error)
    {
        note = new SignedNote("", []);
        if (bytes.Length > MaximumLength)
        {
            error = $"A note is at most {MaximumLength} bytes long.";
            return false;
        }

        string all;
        try
        {
            all = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            error = "The note is not UTF-8.";
            return false;
        }

        var split = all.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 1 || !all.EndsWith('\n') || all.Any(c => c < ' ' && c != '\n'))
        {
            error = "The note is not text, a blank line and signature lines.";
            return false;
        }

        var lines = all[(split + 2)..].Split('\n')[..^1];
        var signatures = new List<NoteSignature>();
        foreach (var line in lines)
        {
            if (signatures.Count == MaximumSignatures || ParseSignature(line) is not { } signature)
            {
                error = "A signature line is malformed, or there are too many.";
                return false;
            }

            signatures.Add(signature);
        }

        note = new SignedNote(all[..(split + 1)], signatures);
        error = signatures.Count == 0 ? "The note has no signature." : "";
        return signatures.Count > 0;
    }

    /// <summary>
    /// The keys among <paramref name="known"/> that signed. Signatures by unknown keys are ignored, as the format demands, and so are those
    /// that this system cannot check.
    /// False, with no keys, when none signed or when a signature that claims a known key does not verify.
    /// </summary>
    public bool Verify(IReadOnlyList<NoteVerifier> known, out IReadOnlyList<NoteVerifier> by)
    {
        var signed = new List<NoteVerifier>();
        var text = StrictUtf8.GetBytes(Text);
        by = [];
        foreach (var signature in Signatures)
        {
            var key = known.FirstOrDefault(k => k.KeyId == signature.KeyId && string.Equals(k.Name, signature.Name, StringComparison.Ordinal));
            if (key is null || key.Unsupported is not null)
            {
                continue;
            }

            if (!key.Verify(text, signature.Signature))
            {
                return false;
            }

            signed.Add(key);
        }

        by = signed;
        return signed.Count > 0;
    }

    public byte[] ToBytes() => StrictUtf8.GetBytes(ToString());

    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
        {
            note.Append(signature).Append('\n');
        }

        return note.ToString();
    }

    private static NoteSignature? ParseSignature(string line)
    {
        var space = line.LastIndexOf(' ');
        if (!line.StartsWith(Dash, StringComparison.Ordinal) || space <= Dash.Length)
        {
            return null;
        }

        var (name, encoded) = (line[Dash.Length..space], line[(space + 1)..]);
        var bytes = new byte[encoded.Length];
        if (name.Any(c => char.IsWhiteSpace(c) || c == '+') || !Convert.TryFromBase64String(encoded, bytes, out var length) || length < 5)
        {
            return null;
        }

        // One spelling only: otherwise two different files would carry the same signature, and a changed byte could go unseen.
        return string.Equals(Convert.ToBase64String(bytes, 0, length), encoded, StringComparison.Ordinal)
            ? new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..length])
            : null;
    }
}
