using System.Text.Json;
using Governance.Core;
using Governance.Serving.Reviews;

namespace Governance.Gateway.Inference;

/// <summary>The review book at rest. Derived from the inference log: a file that is missing or unreadable is made anew.</summary>
internal static class ReviewSnapshotFile
{
    public static ReviewSnapshot? Read(string path)
    {
        try
        {
            return GovernanceJson.Deserialize<ReviewSnapshot>(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    public static void Write(string path, ReviewSnapshot snapshot)
    {
        var next = path + ".next";
        File.WriteAllBytes(next, GovernanceJson.Serialize(snapshot));
        File.Move(next, path, overwrite: true);
    }
}
