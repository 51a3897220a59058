using Governance.Policy.Cel;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Governance.Policy.Gates.Yaml;

/// <summary>Thrown inside the reader; never leaves the loader.</summary>
internal sealed class YamlFormatException(int line, int column, string message) : Exception(message)
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}

/// <summary>
/// Reads the plain part of YAML: mappings, sequences, scalars. Hostile input is expected: size, depth and count of nodes are bounded, and anchors,
/// aliases, tags and repeated keys are refused.
/// </summary>
internal sealed class YamlReader
{
    public const int MaxCharacters = 1 << 20;
    private const int MaxDepth = 24;
    private const int MaxNodes = 50_000;
    private readonly YamlDotNet.Core.Parser parser;
    private int nodes;

    private YamlReader(string text) => parser = new YamlDotNet.Core.Parser(new StringReader(text));

    /// <summary>The documents of a file.</summary>
    /// <exception cref="YamlFormatException">Not YAML, or not the plain part of it.</exception>
    public static IReadOnlyList<YamlNode> Read(YamlSource source)
    {
        if (source.Text.Length > MaxCharacters)
        {
            throw new YamlFormatException(1, 1, $"the file is longer than {MaxCharacters} characters");
        }

        try
        {
            return new YamlReader(source.Text).Documents();
        }
        catch (YamlException e)
        {
            throw new YamlFormatException((int)e.Start.Line, (int)e.Start.Column, "this is no YAML: " + e.Message);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // The scanner leaves some malformed documents this way, without a place.
            throw new YamlFormatException(1, 1, "this is no YAML: a bracket, quote or escape is not closed or not complete");
        }
    }

    private List<YamlNode> Documents()
    {
        var documents = new List<YamlNode>();
        parser.Consume<StreamStart>();
        while (!parser.TryConsume<StreamEnd>(out _))
        {
            parser.Consume<DocumentStart>();
            documents.Add(Node(1));
            parser.Consume<DocumentEnd>();
        }

        return documents;
    }

    private YamlNode Node(int depth)
    {
        var current = parser.Current ?? throw new YamlFormatException(1, 1, "the file ends too early");
        var (line, column) = ((int)current.Start.Line, (int)current.Start.Column);
        if (depth > MaxDepth || ++nodes > MaxNodes)
        {
            throw new YamlFormatException(line, column, $"the document is nested deeper than {MaxDepth} levels or has more than {MaxNodes} nodes");
        }

        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw new YamlFormatException(line, column, "anchors and aliases are not allowed; write the value out");
        }

        if (current is NodeEvent { Tag.IsEmpty: false } tagged && !(tagged is Scalar && tagged.Tag.Value == "!"))
        {
            throw new YamlFormatException(line, column, "tags are not allowed");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            var block = scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded;
            return new YamlScalar(line, column, scalar.Value, block, scalar.Style != ScalarStyle.Plain);
        }

        return parser.TryConsume<SequenceStart>(out _) ? Sequence(line, column, depth) : Mapping(line, column, depth);
    }

    private YamlSequence Sequence(int line, int column, int depth)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1));
        }

        return new YamlSequence(line, column, items);
    }

    private YamlMapping Mapping(int line, int column, int depth)
    {
        parser.Consume<MappingStart>();
        var members = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(depth + 1) as YamlScalar ?? throw new YamlFormatException(line, column, "a key must be a text");
            if (!names.Add(key.Text))
            {
                throw new YamlFormatException(key.Line, key.Column, $"the key '{key.Text}' is written twice");
            }

            members.Add(KeyValuePair.Create(key, Node(depth + 1)));
        }

        return new YamlMapping(line, column, members);
    }
}
