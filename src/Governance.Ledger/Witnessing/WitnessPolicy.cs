using System.Globalization;

namespace Governance.Ledger;

/// <summary>A witness of a policy.</summary>
/// <param name="Name">Known by it within the policy only.</param>
/// <param name="Address">Its submission prefix; null when the policy gives none.</param>
public sealed record PolicyWitness(string Name, NoteVerifier Key, Uri? Address);

/// <summary>
/// Which logs are trusted, which witnesses, and how many of them must have cosigned (C2SP tlog-policy): a text file with lines
/// <c>log VKEY [URL]</c>, <c>witness NAME VKEY [URL]</c>, <c>group NAME all|any|K MEMBER...</c> and one <c>quorum NAME|none</c>. Log keys may be of
/// any type that signs logs, witness keys of either cosignature type. At most 64 lines of each kind. Immutable, thread-safe.
/// </summary>
public sealed class WitnessPolicy
{
    private const string None = "none";
    private const int Most = 64;
    private const int LongestText = 1 << 20;
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly List<NoteVerifier> _logs = [];
    private readonly List<PolicyWitness> _witnesses = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private string? _quorum;

    private WitnessPolicy()
    {
    }

    /// <summary>Keys of the logs; may be empty, when the log is known from elsewhere.</summary>
    public IReadOnlyList<NoteVerifier> Logs => _logs;

    public IReadOnlyList<PolicyWitness> Witnesses => _witnesses;

    /// <summary>Reads a policy.</summary>
    /// <exception cref="FormatException">It is not one; the message names the line.</exception>
    public static WitnessPolicy Parse(string text)
    {
        if (text.Length > LongestText || text.Any(c => c is < ' ' and not ('\n' or '\t') or '\u007f'))
        {
            throw new FormatException("A policy is text of at most 1 MiB without control characters.");
        }

        var policy = new WitnessPolicy();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && !words[0].StartsWith('#'))
            {
                try
                {
                    policy.Add(words);
                }
                catch (FormatException e)
                {
                    throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Line {i + 1}: {e.Message}"), e);
                }
            }
        }

        return policy._quorum is null ? throw new FormatException("There is no quorum line.") : policy;
    }

    /// <summary>Whether the witnesses among the note's signers make the quorum.</summary>
    /// <param name="by">Witnesses of the policy that cosigned, by their name there.</param>
    public bool IsSatisfiedBy(SignedNote note, out IReadOnlyList<string> by)
    {
        // Each key by itself: a broken cosignature is no cosignature, and does not spoil those of others.
        var signed = _witnesses.Where(w => note.Verify([w.Key], out _)).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        by = [.. _witnesses.Select(w => w.Name).Where(signed.Contains)];
        return Holds(_quorum!, signed);
    }

    private bool Holds(string name, HashSet<string> signed) =>
        string.Equals(name, None, StringComparison.Ordinal)
        || (_nodes[name] is { Members: { } members, Threshold: var threshold } ? members.Count(m => Holds(m, signed)) >= threshold : signed.Contains(name));

    private void Add(string[] words)
    {
        switch (words)
        {
            case ["log", _] or ["log", _, _]:
                var log = NoteVerifier.Parse(words[1]);
                Require(log.Type != NoteKeyType.Ed25519Cosignature, "A log's key is not a witness's.");
                Require(_logs.Count < Most && !_logs.Exists(l => l.HasKeyOf(log)), "The log is there already, or there are too many.");
                _logs.Add(log);
                break;
            case ["witness", var name, var key]:
                AddWitness(name, key, null);
                break;
            case ["witness", var name, var key, var address]:
                Require(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https", "The address is not http or https.");
                AddWitness(name, key, new Uri(address));
                break;
            case ["group", var name, var threshold, .. var members] when members.Length > 0:
                AddGroup(name, threshold, members);
                break;
            case ["quorum", var name]:
                Require(_quorum is null, "There is a second quorum line.");
                Require(string.Equals(name, None, StringComparison.Ordinal) || _nodes.ContainsKey(name), $"{name} is not defined above.");
                _quorum = name;
                break;
            default:
                throw new FormatException("It is none of: log, witness, group, quorum with their words.");
        }
    }

    private void AddWitness(string name, string line, Uri? address)
    {
        var key = NoteVerifier.Parse(line);
        Require(key.IsCosigner, "A witness's key is of a cosignature type (0x04 or 0x06).");
        Require(_witnesses.Count < Most && !_witnesses.Exists(w => w.Key.HasKeyOf(key)), "The witness is there already, or there are too many.");
        Define(name, new Node(null, 0));
        _witnesses.Add(new PolicyWitness(name, key, address));
    }

    private void AddGroup(string name, string threshold, string[] members)
    {
        var needed = threshold switch
        {
            "all" => members.Length,
            "any" => 1,
            _ when int.TryParse(threshold, NumberStyles.None, CultureInfo.InvariantCulture, out var k) => k,
            _ => 0,
        };
        Require(needed >= 1 && needed <= members.Length, "The threshold is all, any, or from 1 to the number of members.");
        Require(_nodes.Values.Count(n => n.Members is not null) < Most, "There are too many groups.");
        foreach (var member in members)
        {
            Require(_nodes.ContainsKey(member), $"{member} is not defined above.");
            Require(_used.Add(member), $"{member} is a member already: it may count once.");
        }

        Define(name, new Node(members, needed));
    }

    private void Define(string name, Node node) =>
        Require(!string.Equals(name, None, StringComparison.Ordinal) && _nodes.TryAdd(name, node), $"The name {name} is taken.");

    private static void Require([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new FormatException(otherwise);
        }
    }

    /// <param name="Members">Null for a witness.</param>
    private sealed record Node(IReadOnlyList<string>? Members, int Threshold);
}
