import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Prints the bytes that all threads of a JVM have allocated so far, once for each line it reads. Argument: the process. */
public final class Allocated {
  public static void main(String[] arguments) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(arguments[0]);
    JMXServiceURL url = new JMXServiceURL(machine.startLocalManagementAgent());
    machine.detach();
    MBeanServerConnection beans = JMXConnectorFactory.connect(url).getMBeanServerConnection();
    ObjectName threads = new ObjectName("java.lang:type=Threading");
    BufferedReader asked = new BufferedReader(new InputStreamReader(System.in));
    while (asked.readLine() != null) {
      System.out.println(beans.getAttribute(threads, "TotalThreadAllocatedBytes"));
    }
  }
}
