// A real OpenSearch node in a JVM of its own. OpenSearch's own start script is not served where its jars are, and it would look for
// plugins in folders; here they are on the class path, named below. Everything else stands in HOME/config/opensearch.yml.

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

final class Bench extends Node {
    /// Modules that every distribution of OpenSearch has, and the security plugin.
    private static final List<String> PLUGINS = List.of(
        "org.opensearch.transport.Netty4Plugin",
        "org.opensearch.analysis.common.CommonAnalysisPlugin",
        "org.opensearch.ingest.common.IngestCommonPlugin",
        "org.opensearch.painless.PainlessPlugin",
        "org.opensearch.index.mapper.MapperExtrasPlugin",
        "org.opensearch.join.ParentJoinPlugin",
        "org.opensearch.index.reindex.ReindexPlugin",
        "org.opensearch.security.OpenSearchSecurityPlugin");

    private Bench(Environment environment, List<Class<? extends Plugin>> plugins) {
        super(environment, plugins, true);
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 1) {
            System.err.println("usage: Bench HOME");
            System.exit(64);
        }
        Settings home = Settings.builder().put("path.home", Path.of(arguments[0]).toAbsolutePath()).build();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(home, Map.of(), null, () -> "bench");
        LogConfigurator.setNodeName("bench");
        LogConfigurator.configure(environment);

        Node node = new Bench(environment, plugins());
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node, ended)));
        node.start();
        ended.await();
    }

    private static List<Class<? extends Plugin>> plugins() throws ClassNotFoundException {
        List<Class<? extends Plugin>> found = new java.util.ArrayList<>();
        for (String name : PLUGINS) {
            found.add(Class.forName(name).asSubclass(Plugin.class));
        }
        return found;
    }

    private static void close(Node node, CountDownLatch ended) {
        try {
            node.close();
        } catch (java.io.IOException problem) {
            System.err.println("the node did not close cleanly: " + problem);
        } finally {
            ended.countDown();
        }
    }
}
